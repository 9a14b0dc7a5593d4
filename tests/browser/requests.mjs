// Requests for pages to send: one that an image could be, one as text, one as JSON.

export const get = {
  platform: "vwo",
  method: "GET",
  url: "https://dev.visualwebsiteoptimizer.com/c.gif?account_id=1",
  headers: {},
  idempotencyKey: "00112233445566778899aabbccddeeff",
  repeat: "counts-twice",
};
export const events = {
  ...get,
  platform: "optimizely",
  method: "POST",
  url: "https://logx.optimizely.com/v1/events",
  headers: { "Content-Type": "application/json" },
  body: "{}",
  repeat: "safe",
};
export const v1 = { ...events, platform: "convert", url: "https://metrics.convertexperiments.com/v1/track/1/2" };

/** With it a page may read the answer. */
export const readable = { "Access-Control-Allow-Origin": "*" };
