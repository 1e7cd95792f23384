/** What the functions are given by the template. */

export function environment(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`the environment variable ${name} is not set`);
  return value;
}

/** How many days the communication log is kept. */
export const logDays = (): number => Number(environment("LOG_DAYS"));
