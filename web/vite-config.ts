import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import type { InlineConfig, Plugin } from "vite";

const root = fileURLToPath(new URL(".", import.meta.url));
const fontFolder = fileURLToPath(new URL("../node_modules/.cache/console-fonts/", import.meta.url));

/**
 * Makes files of the fonts that the design system's style sheet contains as `data:` addresses. The content security
 * policy allows no such fonts, and a file is loaded only where its characters are shown.
 */
const fontFiles: Plugin = {
  name: "font-files",
  enforce: "pre",
  transform(code, id) {
    if (!id.endsWith("/global-styles/index.css")) return undefined;
    mkdirSync(fontFolder, { recursive: true });
    let count = 0;
    return code.replace(
      /url\((["']?)data:font\/woff2;[^,)]*base64,([A-Za-z0-9+/=]+)\1\)/g,
      (_, _quote, data) => {
        const file = `${fontFolder}open-sans-${count++}.woff2`;
        writeFileSync(file, Buffer.from(data, "base64"));
        return `url("${file}")`;
      },
    );
  },
};

/** The build of the console. */
export const viteConfig: InlineConfig = {
  configFile: false,
  root,
  // Relative addresses: one build serves the root of a host and a folder of another.
  base: "./",
  plugins: [fontFiles, react()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2023",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2_000,
    reportCompressedSize: false,
    rolldownOptions: { checks: { pluginTimings: false } },
  },
};
