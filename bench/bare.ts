/**
 * The minimum that does a relay's job: the server of `ocpp-rpc`, and an HTTP endpoint that calls a station and
 * returns its answer. One process, no limit, no log, no database, no token. Runs as a process of its own.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { RPCServer } from "ocpp-rpc";
import { serve } from "./children.ts";

interface Client {
  readonly identity: string;
  handle(action: string, answer: () => object): void;
  call(action: string, payload: object): Promise<object>;
}

const clients = new Map<string, Client>();

async function listen() {
  // Its typings demand every option, its code has defaults.
  const stations = new RPCServer({ protocols: ["ocpp1.6"] } as ConstructorParameters<typeof RPCServer>[0]);
  stations.on("client", (client: Client) => {
    clients.set(client.identity, client);
    client.handle("Heartbeat", () => ({ currentTime: new Date().toISOString() }));
  });
  const stationServer = await stations.listen(0, "127.0.0.1");

  const api = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", async () => {
      const [identity = "", action = ""] = (request.url ?? "").split("/").slice(1);
      try {
        const answer = await clients.get(identity)?.call(action, JSON.parse(body));
        response.writeHead(answer === undefined ? 409 : 200, { "content-type": "application/json" });
        response.end(JSON.stringify(answer));
      } catch (error) {
        response.writeHead(502).end(String(error));
      }
    });
  });
  await new Promise<void>((resolve) => void api.listen(0, "127.0.0.1", resolve));
  const port = (server: { address(): unknown }) => (server.address() as AddressInfo).port;
  return {
    apiUrl: `http://127.0.0.1:${port(api)}`,
    stationUrl: `ws://127.0.0.1:${port(stationServer)}`,
  };
}

const requests = { listen };
export type BareRequests = typeof requests;
serve(requests);
