/** What there is to say of this page's set-up, one check a thing: `diagnose()` collects, everybody reports. */
import type { Check, Report } from "./seams.js";

export const createChecks = () => {
  const checks = new Map<string, Check>();
  const report: Report = (check) => {
    checks.set(check.name, check);
  };
  return {
    report,
    diagnose: () => {
      const list = [...checks.values()];
      return { ok: list.every(({ ok }) => ok), checks: list };
    },
  };
};
