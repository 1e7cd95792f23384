import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { synthesize } from "../../infra/synth.ts";
import { certificateContext } from "../../local/certificate-context.ts";
import {
  createStationAuthority,
  type StationAuthority,
  type Subject,
} from "../../local/stations/station-authority.ts";
import { connectRaw, type RawStationOptions, UpgradeRefused } from "../support/raw-station.ts";
import { type RelayUnderTest, startRelay, until } from "../support/relay.ts";

/** In the assembly below, so that a test can show what only CloudFront knows. */
const secrets = { sent: "basic-2-secret", old: "basic-1-secret", certificate: "certificate-2-secret" };

let folder: string;
let relay: RelayUnderTest;
let authority: StationAuthority;
let stranger: StationAuthority;
const logs: Record<string, unknown>[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ocpp-relay-endpoints-"));
  const context = { ...certificateContext, originSecrets: "2,1" };
  const assembly = await synthesize({ outdir: folder, context });
  await nameSecrets(join(assembly, "ocpp-relay-prod.template.json"));
  [authority, stranger] = await Promise.all([createStationAuthority(), createStationAuthority()]);
  relay = await startRelay({
    assembly,
    stationCas: authority.ca,
    onLog: ({ text }) => {
      for (const line of text.split("\n").filter((line) => line.startsWith("{"))) logs.push(JSON.parse(line));
    },
  });
});
afterAll(async () => {
  await relay.stop();
  await rm(folder, { recursive: true });
});

/** What is generated otherwise. */
async function nameSecrets(file: string): Promise<void> {
  const template = JSON.parse(await readFile(file, "utf8"));
  const named = Object.entries({
    stationdoorOriginSecrets2: secrets.sent,
    stationdoorOriginSecrets1: secrets.old,
    certificatedoorOriginSecrets2: secrets.certificate,
  });
  for (const [prefix, SecretString] of named) {
    const id = Object.keys(template.Resources).find((name) => name.startsWith(prefix));
    template.Resources[id ?? prefix].Properties = { SecretString };
  }
  await writeFile(file, JSON.stringify(template));
}

/** 101, or what the handshake is answered with instead; "TLS" where it does not come to an answer. */
async function knock(url: string, options: RawStationOptions = {}): Promise<number | "TLS"> {
  try {
    const station = await connectRaw(url, options);
    await station.close({ abrupt: true });
    return 101;
  } catch (error) {
    return error instanceof UpgradeRefused ? error.status : "TLS";
  }
}

const path = (identity: string) => `/ocpp/${encodeURIComponent(identity)}`;
const atBasicEndpoint = (identity: string, options?: RawStationOptions) =>
  knock(relay.local.stationUrl + path(identity), options);
const certificateUrl = () => relay.local.certificateEndpoint?.url ?? "";
const serverCa = () => relay.local.certificateEndpoint?.serverCa ?? "";

/** At the certificate endpoint, with a certificate of this subject. */
async function atCertificateEndpoint(
  identity: string,
  subject: Subject,
  { headers = {}, from = authority, expired = false } = {},
): Promise<number | "TLS"> {
  const tls = { ...(await from.issue(subject, { expired })), ca: serverCa() };
  return knock(certificateUrl() + path(identity), { tls, headers });
}

/** At the API's own address, which CloudFront alone is to know. */
const behindTheEndpoints = (
  identity: string,
  headers: Record<string, string | string[]>,
  options: RawStationOptions = {},
) =>
  knock(
    `${relay.local.endpoints.connections.replace("http", "ws")}/station?${new URLSearchParams({
      identity,
      networkId: "default",
      source: "192.0.2.7",
    })}`,
    { ...options, headers: headers as Record<string, string> },
  );

const forged = (identity: string) => ({
  "CloudFront-Viewer-Cert-Present": "1",
  "CloudFront-Viewer-Cert-Subject": `CN=${identity}`,
});
const byCertificate = { auth: { type: "certificate" } };

describe("the basic endpoint", () => {
  it("lets a station in that knows its password, and nobody else", async () => {
    const password = await relay.register("basic");

    expect(await atBasicEndpoint("basic", { identity: "basic", password })).toBe(101);
    expect(await atBasicEndpoint("basic", { identity: "basic", password: "wrong" })).toBe(401);
    expect(await atBasicEndpoint("basic", { identity: "other", password })).toBe(401);
    expect(await atBasicEndpoint("basic")).toBe(401);
    expect(await atBasicEndpoint("unknown", { identity: "unknown", password })).toBe(401);
    const elsewhere = `${relay.local.stationUrl}/ocpp/nowhere/basic`;
    expect(await knock(elsewhere, { identity: "basic", password })).toBe(401);
  });

  it("answers what is nobody's path itself", async () => {
    const { functions } = relay.local.metrics();
    for (const wrong of ["/", "/CP1", "/station?identity=basic&networkId=default&source=1.2.3.4"]) {
      expect(await knock(relay.local.stationUrl + wrong)).toBe(404);
    }
    expect(await atBasicEndpoint("a:b")).toBe(404);
    expect(await atBasicEndpoint("x".repeat(49))).toBe(404);
    expect(relay.local.metrics().functions["station-authorize"]?.invocations).toBe(
      functions["station-authorize"]?.invocations,
    );
  });

  it("believes nothing that a viewer says of a certificate", async () => {
    await relay.register("certified", byCertificate);
    const password = await relay.register("both");

    expect(await atBasicEndpoint("certified")).toBe(401);
    expect(await atBasicEndpoint("certified", { headers: forged("certified") })).toBe(401);
    expect(await atBasicEndpoint("certified", { identity: "certified", password: "x" })).toBe(401);
    expect(await atBasicEndpoint("both", { identity: "both", password, headers: forged("both") })).toBe(101);
    expect(await atBasicEndpoint("both", { headers: forged("both") })).toBe(401);
  });

  it("shows its own secret, whatever a viewer shows", async () => {
    const password = await relay.register("shows-a-secret");
    await relay.register("shows-too-much", byCertificate);
    const shown = { "X-Ocpp-Relay-Door": "guessed" };
    const known = { "x-ocpp-relay-door": secrets.certificate };

    expect(
      await atBasicEndpoint("shows-a-secret", { identity: "shows-a-secret", password, headers: shown }),
    ).toBe(101);
    expect(
      await atBasicEndpoint("shows-too-much", { headers: { ...known, ...forged("shows-too-much") } }),
    ).toBe(401);
  });

  it("tells the authorizer where a handshake comes from, and lets nobody say it himself", async () => {
    const password = await relay.register("sourced");
    const url = `${relay.local.stationUrl}/ocpp/sourced?source=192.0.2.9&%73ource=192.0.2.9`;

    expect(await knock(url, { identity: "sourced", password })).toBe(101);
    const proven = await until(() =>
      logs.find(({ message, identity }) => message === "station proven" && identity === "sourced"),
    );

    expect(proven).toMatchObject({ endpoint: "basic", source: "127.0.0.1" });
  });
});

describe("the API's own address", () => {
  it("lets nobody in who does not come through an endpoint, and looks nothing up for him", async () => {
    const password = await relay.register("bypassing");
    const credentials = { identity: "bypassing", password };
    await relay.get("/stations/bypassing");
    const requests = async () => {
      const before = relay.local.metrics().dynamodb.total;
      expect(await behindTheEndpoints("bypassing", {}, credentials)).toBe(401);
      for (const guess of [
        "",
        "guessed",
        "basic-2-secre",
        "basic-2-secret,basic-1-secret",
        "BASIC-2-SECRET",
      ]) {
        expect(await behindTheEndpoints("bypassing", { "X-Ocpp-Relay-Door": guess }, credentials)).toBe(401);
      }
      const twice = { "X-Ocpp-Relay-Door": [secrets.sent, "guessed"] };
      expect(await behindTheEndpoints("bypassing", twice, credentials)).toBe(401);
      return relay.local.metrics().dynamodb.total - before;
    };

    // what was done before is published a second later, which is a request of its own
    expect(Math.min(await requests(), await requests(), await requests())).toBe(0);
  });

  it("takes both secrets of an endpoint while they are replaced", async () => {
    const password = await relay.register("rotated");
    const credentials = { identity: "rotated", password };

    for (const secret of [secrets.sent, secrets.old]) {
      expect(await behindTheEndpoints("rotated", { "X-Ocpp-Relay-Door": secret }, credentials)).toBe(101);
    }
  });

  it("believes in certificates by the certificate endpoint's secret only, and in one at a time", async () => {
    await relay.register("headers", byCertificate);
    const endpoint = { "X-Ocpp-Relay-Door": secrets.certificate };
    const fits = forged("headers");

    expect(await behindTheEndpoints("headers", { ...endpoint, ...fits })).toBe(101);
    expect(await behindTheEndpoints("headers", { ...fits, "X-Ocpp-Relay-Door": secrets.sent })).toBe(401);
    expect(await behindTheEndpoints("headers", endpoint)).toBe(401);
    expect(
      await behindTheEndpoints("headers", { ...endpoint, ...fits, "CloudFront-Viewer-Cert-Present": "0" }),
    ).toBe(401);
    const { "CloudFront-Viewer-Cert-Present": _, ...subject } = fits;
    expect(await behindTheEndpoints("headers", { ...endpoint, ...subject })).toBe(401);
    const subjects = ["CN=headers", "CN=headers"];
    expect(
      await behindTheEndpoints("headers", {
        ...endpoint,
        ...fits,
        "CloudFront-Viewer-Cert-Subject": subjects,
      }),
    ).toBe(401);
  });
});

describe("the certificate endpoint", () => {
  it("connects a station whose certificate names it, for every command", async () => {
    const tls = { ...(await authority.issue([{ CN: ["CERT-16"] }, { O: ["acme"] }])), ca: serverCa() };
    await relay.station("CERT-16", { url: `${certificateUrl()}/ocpp`, tls }, byCertificate);

    const { status, body } = await relay.command("CERT-16", "get_configuration", {
      keys: ["NumberOfConnectors"],
    });

    expect(status).toBe(200);
    expect(body.configurationKeys).toEqual([{ key: "NumberOfConnectors", readonly: true, value: "2" }]);
  });

  it.each([
    ["with a space and a comma", "hall 2, bay 3"],
    ["with other signs of distinguished names", '#1 "a"+b=<c>;\\d'],
    ["that is not ASCII", "Säule 家 1"],
    ["of 48 characters", "x".repeat(48)],
  ])("takes an identity %s", async (_what, identity) => {
    await relay.register(identity, byCertificate);

    expect(await atCertificateEndpoint(identity, [{ O: ["acme"] }, { CN: [identity] }])).toBe(101);
  });

  it("ends in TLS without a valid certificate of a trusted CA", async () => {
    await relay.register("untrusted", byCertificate);
    const subject = [{ CN: ["untrusted"] }];
    const { functions } = relay.local.metrics();

    expect(await knock(certificateUrl() + path("untrusted"), { tls: { ca: serverCa() } })).toBe("TLS");
    expect(await atCertificateEndpoint("untrusted", subject, { from: stranger })).toBe("TLS");
    expect(await atCertificateEndpoint("untrusted", subject, { expired: true })).toBe("TLS");
    expect(await knock(certificateUrl().replace("wss", "ws") + path("untrusted"))).toBe("TLS");
    expect(relay.local.metrics().functions["station-authorize"]?.invocations).toBe(
      functions["station-authorize"]?.invocations,
    );

    expect(await atCertificateEndpoint("untrusted", subject)).toBe(101);
  });

  it("refuses a certificate that names another station, none, or two", async () => {
    await relay.register("named", byCertificate);
    await relay.register("named-otherwise", byCertificate);

    expect(await atCertificateEndpoint("named", [{ CN: ["named-otherwise"] }])).toBe(401);
    expect(await atCertificateEndpoint("named", [{ CN: ["Named"] }])).toBe(401);
    expect(await atCertificateEndpoint("named", [{ O: ["named"] }])).toBe(401);
    expect(await atCertificateEndpoint("named", [{ O: ["acme,CN=named"] }])).toBe(401);
    expect(await atCertificateEndpoint("named", [{ CN: ["named"] }, { CN: ["named-otherwise"] }])).toBe(401);
    expect(await atCertificateEndpoint("named", [{ CN: ["named", "named"] }])).toBe(401);
    expect(await atCertificateEndpoint("unknown", [{ CN: ["unknown"] }])).toBe(401);
    expect(await atCertificateEndpoint("named", [{ CN: ["named"] }])).toBe(101);
  });

  it("refuses stations of other kinds, whatever else they show", async () => {
    await relay.call("PUT", "/networks/default", { body: { allowUnauthenticatedStations: true } });
    await relay.register("without-anything", { auth: { type: "none" } });
    const password = await relay.register("with-password");
    const basic = { authorization: `Basic ${btoa(`with-password:${password}`)}` };

    expect(await atBasicEndpoint("without-anything")).toBe(101);
    expect(await atCertificateEndpoint("without-anything", [{ CN: ["without-anything"] }])).toBe(401);
    expect(await atCertificateEndpoint("with-password", [{ CN: ["with-password"] }])).toBe(401);
    expect(
      await atCertificateEndpoint("with-password", [{ CN: ["with-password"] }], { headers: basic }),
    ).toBe(401);
  });

  it("says itself what is in a certificate, whatever a viewer says", async () => {
    await relay.register("victim", byCertificate);
    await relay.register("attacker", byCertificate);
    const headers = { ...forged("victim"), "X-Ocpp-Relay-Door": secrets.sent };

    expect(await atCertificateEndpoint("victim", [{ CN: ["attacker"] }], { headers })).toBe(401);
    expect(await atCertificateEndpoint("attacker", [{ CN: ["attacker"] }], { headers })).toBe(101);
  });

  it("has which certificate it was in the log, for who was let in and who was not", async () => {
    await relay.register("logged", byCertificate);

    await atCertificateEndpoint("logged", [{ CN: ["logged"] }]);
    await atCertificateEndpoint("logged", [{ CN: ["somebody"] }]);
    const about = (level: string) =>
      until(() => logs.find((entry) => entry.identity === "logged" && entry.level === level));

    const certificate = {
      serialNumber: expect.stringMatching(/^[0-9a-f]{2}(:[0-9a-f]{2})+$/),
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    };
    expect(await about("INFO")).toMatchObject({
      endpoint: "certificate",
      certificate: { ...certificate, subject: "CN=logged" },
    });
    expect(await about("WARN")).toMatchObject({
      endpoint: "certificate",
      certificate: { ...certificate, subject: "CN=somebody" },
    });
  });
});

it("no secret of an endpoint is in a log line", () => {
  const text = JSON.stringify(logs);

  expect(text).toContain("station proven");
  for (const secret of Object.values(secrets)) expect(text).not.toContain(secret);
});
