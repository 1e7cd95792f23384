/** `npm run build:console`: builds the console into `web/dist`, or into the folder that is named. */
import { build } from "vite";
import { viteConfig } from "./vite-config.ts";

// React has warnings and twice the size in other modes; a test run sets one.
process.env.NODE_ENV = "production";

const [outDir = viteConfig.build?.outDir ?? "dist"] = process.argv.slice(2);

await build({ ...viteConfig, build: { ...viteConfig.build, outDir }, logLevel: "warn" });
