import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import type { Answer } from "../api/client.ts";
import { useApi } from "../context.ts";
import { Json } from "./json.tsx";
import { Status } from "./status.tsx";
import { Time } from "./time.tsx";

interface Props {
  readonly title: string;
  readonly operationId: string;
  readonly answer: Answer;
  readonly at: string;
}

/** States after which a resource of an asynchronous command does not change soon. */
const OPEN = new Set([
  "Pending",
  "pending",
  "sent",
  "accepted",
  "started",
  "stopping",
  "queued",
  "Uploading",
  "Downloading",
  "Installing",
]);
const POLL_MS = 2_000;

/** The answer of a command, with the link to its resource. One that is still under way is read again. */
export function CommandAnswer({ title, operationId, answer, at }: Props) {
  const api = useApi();
  const { location } = answer;
  const followed = answer.status === 201 || answer.status === 202 ? pathOf(location) : undefined;
  const { data = answer.body } = useQuery({
    queryKey: ["answer", followed],
    enabled: followed !== undefined,
    queryFn: async () => (await api.send({ method: "GET", path: followed ?? "" })).body,
    refetchInterval: ({ state }) => (isOpen(state.data) ? POLL_MS : false),
  });
  const members = (typeof data === "object" && data !== null ? data : {}) as Record<string, unknown>;
  const id = members.commandId ?? members.referenceId ?? members.ocppMessageId;
  const status = members.status ?? members.state;
  return (
    <Container
      header={
        <Header
          variant="h3"
          description={
            <span className="line">
              <Time at={at} />
            </span>
          }
          actions={typeof status === "string" && <Status word={status} />}
        >
          {title}
        </Header>
      }
    >
      <SpaceBetween size="s">
        {data === undefined ? (
          <div>Done; the answer has no body.</div>
        ) : (
          <Json label={`Answer: ${title}`} value={data} />
        )}
        {operationId === "createRemoteStartAttempt" && typeof members.id === "string" ? (
          <Link href={`#/attempts/${members.id}`}>The attempt</Link>
        ) : (
          typeof id === "string" && <Link href={`#/commands/${encodeURIComponent(id)}`}>The command</Link>
        )}
      </SpaceBetween>
    </Container>
  );
}

function isOpen(body: unknown): boolean {
  const members = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  return OPEN.has(String(members.status ?? members.state));
}

/** `Location` may be a whole address or a path. */
function pathOf(location: string | undefined): string | undefined {
  if (location === undefined) return undefined;
  const { pathname, search } = new URL(location, "http://api.invalid");
  return pathname + search;
}
