/**
 * Cookiebot: `Cookiebot.consent` by category, and an event for each decision. Source: cookiebot.com/developer.
 *
 * Before the visitor answered, everything but the necessary is false: that is no refusal.
 */
import { type Adapter, page } from "./adapter.js";

export const cookiebot: Adapter = (tell, categories) => {
  const granted = () => categories.every((category) => page().Cookiebot?.consent?.[category]);
  for (const event of ["ConsentReady", "Accept", "Decline"])
    addEventListener(`CookiebotOn${event}`, () => tell(granted()));
  return () => {
    const tool = page().Cookiebot;
    if (tool?.hasResponse || granted()) tell(granted());
    return !!tool;
  };
};
