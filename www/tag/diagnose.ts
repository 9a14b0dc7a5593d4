/** What there is to say of this page's set-up, one check a thing: the tag's own are made when asked, all others report. */
import type { Check, Report } from "./seams.js";

export const createChecks = (own: () => Check[]) => {
  const reported = new Map<string, Check>();
  const report: Report = (check) => {
    reported.set(check.name, check);
  };
  return {
    report,
    diagnose: () => {
      const checks = [...own(), ...reported.values()];
      return { ok: checks.every(({ ok }) => ok), checks };
    },
  };
};
