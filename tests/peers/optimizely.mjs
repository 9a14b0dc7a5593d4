// Optimizely's own SDK: what it sends for events and for the decisions before them.
import {
  createBatchEventProcessor,
  createForwardingEventProcessor,
  createInstance,
  createStaticProjectConfigManager,
} from "@optimizely/optimizely-sdk";

/** A project file with these events, attributes and running experiments. */
const datafile = ({ project, events, attributes, experiments }) => ({
  version: "4",
  accountId: project.accountId,
  projectId: project.projectId,
  revision: project.revision,
  anonymizeIP: project.anonymizeIP,
  ...(project.botFiltering === undefined ? {} : { botFiltering: project.botFiltering }),
  ...(project.region === undefined ? {} : { region: project.region }),
  events: events.map((event) => ({ ...event, experimentIds: [] })),
  attributes,
  experiments: experiments.map(({ campaignId, experimentId, variationId }) => ({
    id: experimentId,
    key: `experiment ${experimentId}`,
    layerId: campaignId,
    status: "Running",
    audienceIds: [],
    forcedVariations: {},
    trafficAllocation: [{ entityId: variationId, endOfRange: 10_000 }],
    variations: [{ id: variationId, key: "the only one", variables: [] }],
  })),
  audiences: [],
  featureFlags: [],
  groups: [],
  rollouts: [],
  typedAudiences: [],
  variables: [],
});

async function run({ project, events, attributes, experiments = [] }, eventProcessor, work) {
  const file = JSON.stringify(datafile({ project, events, attributes, experiments }));
  const client = createInstance({
    projectConfigManager: createStaticProjectConfigManager({ datafile: file }),
    eventProcessor,
  });
  await client.onReady();
  await work(client);
  await client.close();
}

/** What the SDK would POST, as its dispatcher gets it. */
const dispatcher = (requests) => ({
  async dispatchEvent({ httpVerb, url, params }) {
    // Through JSON, as on the wire: what is undefined is gone.
    requests.push({ method: httpVerb, url, body: JSON.parse(JSON.stringify(params)) });
    return { statusCode: 204 };
  },
});

/**
 * The requests for `tracked`, each `{visitorId, attributes, event, tags}`, one request an event.
 * @param input `{project: {accountId, projectId, revision, anonymizeIP, botFiltering?, region?}, events, attributes, tracked}`
 */
export async function conversions({ tracked, ...project }) {
  const requests = [];
  await run(project, createForwardingEventProcessor(dispatcher(requests)), (client) => {
    for (const { visitorId, attributes, event, tags } of tracked) client.track(event, visitorId, attributes, tags);
  });
  return requests;
}

/** The same in one request. */
export async function batch({ tracked, ...project }) {
  const requests = [];
  const processor = createBatchEventProcessor({
    eventDispatcher: dispatcher(requests),
    batchSize: tracked.length,
    flushInterval: 3_600_000,
  });
  await run(project, processor, (client) => {
    for (const { visitorId, attributes, event, tags } of tracked) client.track(event, visitorId, attributes, tags);
  });
  return requests;
}

/** What the SDK says of a visitor who is put into these experiments: a decision each. */
export async function decisions({ project, visitorId, experiments }) {
  const requests = [];
  const input = { project, events: [], attributes: [], experiments };
  await run(input, createForwardingEventProcessor(dispatcher(requests)), (client) => {
    for (const { experimentId } of experiments) client.activate(`experiment ${experimentId}`, visitorId);
  });
  return requests.map(({ body }) => body.visitors[0].snapshots[0].decisions[0]);
}
