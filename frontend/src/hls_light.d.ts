/** The light build of hls.js has the same types as the whole one; the package does not say so. */
declare module "hls.js/light" {
  export * from "hls.js";
  export { default } from "hls.js";
}
