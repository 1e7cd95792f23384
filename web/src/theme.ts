import { applyMode, Mode } from "@cloudscape-design/global-styles";
import { createStore } from "./store.ts";

export type Theme = "system" | "light" | "dark";

const KEY = "theme";
const THEMES: readonly Theme[] = ["system", "light", "dark"];
const prefersDark = window.matchMedia("(prefers-color-scheme: dark)");

export const theme = createStore<Theme>(THEMES.find((one) => one === localStorage.getItem(KEY)) ?? "system");

/** Shows the chosen theme, and goes on with the system's where that is chosen. */
export function applyTheme(): void {
  const show = () => {
    const chosen = theme.get();
    const isDark = chosen === "dark" || (chosen === "system" && prefersDark.matches);
    applyMode(isDark ? Mode.Dark : Mode.Light);
    document.documentElement.dataset.theme = isDark ? "dark" : "light";
  };
  show();
  prefersDark.addEventListener("change", show);
  theme.subscribe(() => {
    localStorage.setItem(KEY, theme.get());
    show();
  });
}
