/**
 * IAB's Transparency and Consent Framework, 2.2 and later. Source: IAB Tech Lab, "CMP API v2", commit 10b489e.
 *
 * A listener is called at once on registration, even while the tool is loading; what it is told counts from `tcloaded` or
 * `useractioncomplete` on. While the dialogue is shown (`cmpuishown`) consents are false and legitimate interests true.
 */
import { type Adapter, page } from "./adapter.js";

export const tcf: Adapter = (tell, purposes) => () => {
  page().__tcfapi?.("addEventListener", 2, (data, success) => {
    if (success && /^(tcloaded|useractioncomplete)$/.test(data.eventStatus))
      tell(data.gdprApplies === false || purposes.every((purpose) => data.purpose?.consents?.[purpose]));
  });
  return !!page().__tcfapi;
};
