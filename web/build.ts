/** `npm run build:console`: builds the console into `web/dist`. */
import { build } from "vite";
import { viteConfig } from "./vite-config.ts";

await build({ ...viteConfig, logLevel: "warn" });
