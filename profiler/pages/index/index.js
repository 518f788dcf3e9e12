// The list of studies and runs.
import { sortTables } from "../base/tables.js";

sortTables();
