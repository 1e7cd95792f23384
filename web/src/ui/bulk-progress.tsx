import ProgressBar from "@cloudscape-design/components/progress-bar";
import type { Schemas } from "../api/client.ts";

/** How many stations of a bulk command have ended, and how. */
export function Progress({ bulk, label }: { readonly bulk: Schemas["Bulk"]; readonly label?: string }) {
  const { total, waiting, running } = bulk.counts;
  const ended = total - waiting - running;
  return (
    <ProgressBar
      value={total === 0 ? 100 : (100 * ended) / total}
      {...(label === undefined ? { ariaLabel: `Progress of ${bulk.command}` } : { label })}
      additionalInfo={`${ended.toLocaleString()} of ${total.toLocaleString()}`}
    />
  );
}
