/** Where a command is read. Its id may be the caller's choice, so it is encoded. */
export const commandLocation = (commandId: string): string =>
  `/remote_commands/${encodeURIComponent(commandId)}`;
