import "@cloudscape-design/global-styles/index.css";
import "./console.css";
import { createRoot } from "react-dom/client";
import { createApi } from "./api/client.ts";
import { App } from "./app.tsx";
import { loadConfig } from "./config.ts";
import { chosenNetwork } from "./network.ts";
import { openSession } from "./session/session.ts";
import { applyTheme } from "./theme.ts";

applyTheme();

async function start(root: HTMLElement): Promise<void> {
  try {
    const config = await loadConfig();
    const session = await openSession(config);
    if (session === undefined) return; // the browser is on its way to the sign-in page
    const api = createApi(config, session);
    const network = chosenNetwork(session.user.networks);
    createRoot(root).render(<App value={{ config, session, api, network }} />);
  } catch (error) {
    const text = document.createElement("p");
    text.className = "failure";
    text.textContent = `The console cannot start. ${error instanceof Error ? error.message : error}`;
    root.replaceChildren(text);
  }
}

const root = document.getElementById("root");
if (root) void start(root);
