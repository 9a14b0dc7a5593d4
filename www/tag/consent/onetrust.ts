/** OneTrust: its groups, `["C0001", …]` in an event and `",C0001,"` on `window`. Source: developer.onetrust.com. */
import { type Adapter, page } from "./adapter.js";

export const onetrust: Adapter = (tell, groups) => {
  const look = (active: unknown) => tell(groups.every((group) => `,${active},`.includes(`,${group},`)));
  addEventListener("OneTrustGroupsUpdated", (event) => look((event as CustomEvent).detail));
  return () => {
    const active = page().OnetrustActiveGroups;
    if (active) look(active);
    return !!active;
  };
};
