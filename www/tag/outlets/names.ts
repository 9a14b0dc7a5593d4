/** What `data-outlets` may name. A list of its own: the tag knows the names without the code behind them. */
export const outletNames = [
  ...["auto", "cookie", "callrail", "ctm", "ringba", "infinity", "delacon", "invoca", "retreaver", "whatconverts"],
  ...["dataLayer", "forms", "event", "callback"],
];
