import Button from "@cloudscape-design/components/button";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import Input from "@cloudscape-design/components/input";
import { type ReactNode, useMemo, useState } from "react";

export interface Mark {
  /** JSON Pointer (RFC 6901) of the marked member. */
  readonly pointer: string;
  readonly detail: string;
}

interface Props {
  readonly value: unknown;
  /** What the JSON is, for screen readers and for copying. */
  readonly label: string;
  /** Violations, shown at their place. */
  readonly marks?: readonly Mark[];
  readonly searchable?: boolean;
}

const MANY_MEMBERS = 100;

const escaped = (name: string) => name.replaceAll("~", "~0").replaceAll("/", "~1");

/** The nearest existing place of a pointer: a missing member is marked at its parent. */
function nearest(value: unknown, pointer: string): string {
  let at: unknown = value;
  let reached = "";
  for (const part of pointer.split("/").slice(1)) {
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, name)) break;
    at = (at as Record<string, unknown>)[name];
    reached += `/${part}`;
  }
  return reached;
}

/** JSON that can be folded, searched and copied. Every value is shown as text. */
export function Json({ value, label, marks = [], searchable = false }: Props) {
  const [search, setSearch] = useState("");
  const [folds, setFolds] = useState<{ readonly all?: boolean; readonly count: number }>({ count: 0 });
  const placed = useMemo(() => {
    const byPlace = new Map<string, Mark[]>();
    for (const mark of marks) {
      const place = nearest(value, mark.pointer);
      byPlace.set(place, [...(byPlace.get(place) ?? []), mark]);
    }
    return byPlace;
  }, [value, marks]);
  const text = useMemo(() => JSON.stringify(value, null, 2) ?? "", [value]);
  const wanted = search.trim().toLowerCase();
  const hits = wanted === "" ? undefined : text.toLowerCase().split(wanted).length - 1;
  return (
    <section className="json" aria-label={label}>
      <div className="json-tools">
        {searchable && (
          <Input
            type="search"
            value={search}
            placeholder="Search"
            ariaLabel={`Search in: ${label}`}
            onChange={({ detail }) => setSearch(detail.value)}
          />
        )}
        {hits !== undefined && <output>{hits === 1 ? "1 match" : `${hits} matches`}</output>}
        {searchable && (
          <>
            <Button
              variant="icon"
              iconName="treeview-expand"
              ariaLabel={`Unfold: ${label}`}
              onClick={() => setFolds({ all: true, count: folds.count + 1 })}
            />
            <Button
              variant="icon"
              iconName="treeview-collapse"
              ariaLabel={`Fold: ${label}`}
              onClick={() => setFolds({ all: false, count: folds.count + 1 })}
            />
          </>
        )}
        <CopyToClipboard
          variant="icon"
          copyButtonAriaLabel={`Copy: ${label}`}
          copySuccessText="Copied"
          copyErrorText="Not copied"
          textToCopy={text}
        />
      </div>
      <div className="json-body" key={folds.count}>
        <Node
          value={value}
          pointer=""
          view={{ marks: placed, wanted, open: folds.all }}
          isLast={true}
          depth={0}
        />
      </div>
    </section>
  );
}

interface View {
  readonly marks: ReadonlyMap<string, readonly Mark[]>;
  readonly wanted: string;
  /** Undefined: by depth and size. */
  readonly open: boolean | undefined;
}

interface NodeProps {
  readonly name?: string;
  readonly value: unknown;
  readonly pointer: string;
  readonly view: View;
  readonly isLast: boolean;
  readonly depth: number;
}

function Node({ name, value, pointer, view, isLast, depth }: NodeProps) {
  const marks = view.marks.get(pointer);
  const key = name !== undefined && (
    <>
      <span className="json-key">
        <Found text={JSON.stringify(name)} wanted={view.wanted} />
      </span>
      {": "}
    </>
  );
  const comma = isLast ? "" : ",";
  const isContainer = typeof value === "object" && value !== null;
  const isInline = isContainer && depth > 0 && fitsLine(value) && !hasMarks(view.marks, pointer);
  return (
    <div className={marks ? "json-node json-marked" : "json-node"} data-pointer={pointer}>
      {isInline ? (
        <div className="json-line json-inline">
          {key}
          <Inline value={value} wanted={view.wanted} />
          {comma}
        </div>
      ) : isContainer ? (
        <Container name={key} value={value} pointer={pointer} view={view} comma={comma} depth={depth} />
      ) : (
        <div className="json-line">
          {key}
          <Scalar value={value} wanted={view.wanted} />
          {comma}
        </div>
      )}
      {marks?.map(({ pointer, detail }) => (
        <div key={`${pointer} ${detail}`} className="json-violation" role="note">
          {pointer === "" ? "" : `${pointer}: `}
          {detail}
        </div>
      ))}
    </div>
  );
}

/** A text, a number, `true`, `false` or `null`. */
const Scalar = ({ value, wanted }: { readonly value: unknown; readonly wanted: string }) => (
  <span className={`json-${value === null ? "null" : typeof value}`}>
    <Found text={JSON.stringify(value) ?? "undefined"} wanted={wanted} />
  </span>
);

const LINE_LENGTH = 100;

/** Whether an object or a list has no further ones inside, and is short: it is shown in one line. */
const fitsLine = (value: object): boolean =>
  Object.values(value).every((member) => typeof member !== "object" || member === null) &&
  JSON.stringify(value).length <= LINE_LENGTH;

const hasMarks = (marks: View["marks"], pointer: string): boolean =>
  [...marks.keys()].some((place) => place.startsWith(`${pointer}/`));

function Inline({ value, wanted }: { readonly value: object; readonly wanted: string }) {
  const isArray = Array.isArray(value);
  const [begin, end] = isArray ? ["[", "]"] : ["{ ", " }"];
  const members = Object.entries(value);
  if (members.length === 0) return <>{begin.trim() + end.trim()}</>;
  return (
    <>
      {begin}
      {members.map(([name, member], place) => (
        <span key={name}>
          {place > 0 && ", "}
          {!isArray && (
            <>
              <span className="json-key">
                <Found text={JSON.stringify(name)} wanted={wanted} />
              </span>
              {": "}
            </>
          )}
          <Scalar value={member} wanted={wanted} />
        </span>
      ))}
      {end}
    </>
  );
}

interface ContainerProps {
  readonly name: ReactNode;
  readonly value: object;
  readonly pointer: string;
  readonly view: View;
  readonly comma: string;
  readonly depth: number;
}

function Container({ name, value, pointer, view, comma, depth }: ContainerProps) {
  const isArray = Array.isArray(value);
  const members = Object.entries(value);
  const [isOpen, setOpen] = useState(view.open ?? (depth < 3 || members.length <= 5));
  const [shown, setShown] = useState(MANY_MEMBERS);
  const [begin, end] = isArray ? ["[", "]"] : ["{", "}"];
  // A search unfolds everything: a hit in a folded object would not be seen.
  const open = isOpen || view.wanted !== "";
  if (members.length === 0)
    return (
      <div className="json-line">
        {name}
        {begin}
        {end}
        {comma}
      </div>
    );
  return (
    <>
      <button
        type="button"
        className="json-line json-fold"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {name}
        {begin}
        {!open && (
          <>
            <span className="json-count">
              {" "}
              {members.length} {isArray ? "items" : "members"}{" "}
            </span>
            {end}
            {comma}
          </>
        )}
      </button>
      {open && (
        <>
          <div className="json-members">
            {members.slice(0, shown).map(([member, child], place) => (
              <Node
                key={member}
                {...(!isArray && { name: member })}
                value={child}
                pointer={`${pointer}/${escaped(member)}`}
                view={view}
                isLast={place === members.length - 1}
                depth={depth + 1}
              />
            ))}
            {members.length > shown && (
              <Button variant="inline-link" onClick={() => setShown(shown + MANY_MEMBERS)}>
                {`Show ${Math.min(MANY_MEMBERS, members.length - shown)} of ${members.length - shown} more`}
              </Button>
            )}
          </div>
          <div className="json-line">
            {end}
            {comma}
          </div>
        </>
      )}
    </>
  );
}

/** Text in which what is searched for is marked. */
function Found({ text, wanted }: { readonly text: string; readonly wanted: string }) {
  if (wanted === "") return <>{text}</>;
  const parts: ReactNode[] = [];
  const lower = text.toLowerCase();
  let from = 0;
  for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, from)) {
    parts.push(text.slice(from, at), <mark key={at}>{text.slice(at, at + wanted.length)}</mark>);
    from = at + wanted.length;
  }
  return (
    <>
      {parts}
      {text.slice(from)}
    </>
  );
}
