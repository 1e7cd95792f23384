import { WrongContext } from "./wrong-context.ts";

/** The text of a context key; undefined where it is not set. */
export type ContextText = (key: string) => string | undefined;

/** @throws WrongContext */
export function readSwitch(key: string, text: string): boolean {
  return readChoice(key, text, ["true", "false"]) === "true";
}

/** @throws WrongContext */
export function readChoice<const Choice extends string>(
  key: string,
  text: string,
  choices: readonly Choice[],
): Choice {
  const choice = choices.find((one) => one === text);
  if (choice === undefined) {
    const last = choices.at(-1);
    throw new WrongContext(`${key}=${text}: ${choices.slice(0, -1).join(", ")} or ${last}`);
  }
  return choice;
}
