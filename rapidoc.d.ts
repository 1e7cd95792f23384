declare module "rapidoc/dist/rapidoc-min.js" {
  /** The file's text, imported as such. */
  const text: string;
  export default text;
}
