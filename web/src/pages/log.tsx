import { LogTable } from "../ui/log/log-table.tsx";

export const Component = () => <LogTable />;
