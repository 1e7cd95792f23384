const input = "./openapi.json";

export default {
  fetch: {
    input,
    output: { target: "./orval-fetch.generated.ts", client: "fetch", baseUrl: process.env.API_URL },
  },
  zod: { input, output: { target: "./orval-zod.generated.ts", client: "zod" } },
};
