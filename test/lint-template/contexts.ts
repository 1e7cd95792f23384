/** The stacks that are linted, by what is given as `-c key=value`: what a deployment chooses adds resources. */
export const contexts: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  default: {},
};
