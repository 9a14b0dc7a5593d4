/**
 * A consent tool, as far as the tag listens to it.
 *
 * Called once with the way to tell what the visitor decided, and with the purposes that have to be granted, in the tool's
 * own words. Returns what looks for the tool: called again and again, at first at once, until it says that it is there.
 */
export type Adapter = (tell: (granted: boolean) => void, purposes: string[]) => () => boolean;

/** What consent tools put on `window`. */
export const page = () => window as unknown as ConsentTools;

interface ConsentTools {
  __tcfapi?(command: string, version: number, callback: (data: TCData, success: boolean) => void): void;
  dataLayer?: unknown[];
  google_tag_data?: {
    ics?: {
      entries?: Record<string, Partial<Record<string, boolean>>>;
      addListener?(signals: string[], listener: () => void): void;
    };
  };
  OnetrustActiveGroups?: string;
  Cookiebot?: { consent?: Record<string, boolean>; hasResponse?: boolean };
  wp_has_consent?(category: string): boolean;
}

interface TCData {
  eventStatus: string;
  gdprApplies?: boolean;
  purpose?: { consents?: Record<string, boolean> };
}
