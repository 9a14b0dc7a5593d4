/** The outlets by name. What a tool takes only by a call that nobody could verify is not here. */
import { callrail, cookie, invoca } from "./cookies.js";
import { delacon } from "./delacon.js";
import { forms } from "./forms.js";
import { type Adapter, present } from "./outlet.js";
import { callback, event } from "./page.js";
import { ctm, dataLayer, infinity, ringba } from "./queues.js";
import { retreaver } from "./retreaver.js";

/** WhatConverts: it reads forms; its call for custom data is not verified. On phone leads only its visitor's id joins. */
const whatconverts: Adapter = {
  detect: present(["$wc_leads"], /^https?:\/\/(s\.ksrndkehqnwntyxlhgto\.com\/|.*iconnode)/m),
  needs: "forms",
  create: () => ({
    hand: () => ({
      done: "WhatConverts reads our form field; calls join by its own id of the visitor, which the token has.",
    }),
  }),
};

export const outlets: Record<string, Adapter> = {
  cookie,
  callrail,
  ctm,
  ringba,
  infinity,
  delacon,
  invoca,
  retreaver,
  whatconverts,
  dataLayer,
  forms,
  event,
  callback,
};
