/** As Standard Webhooks writes secrets: 24 to 64 bytes in Base64. */
export const SECRET_PATTERN =
  "^whsec_(?=.{32,88}$)(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$";
