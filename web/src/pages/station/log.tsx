import { LogTable } from "../../ui/log/log-table.tsx";
import type { StationTab } from "../station.tsx";

const Log = ({ station }: StationTab) => <LogTable cpId={station.cpId} variant="embedded" />;

export default Log;
