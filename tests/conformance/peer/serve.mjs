/** The adapter (ADAPTER.md): requests on standard input, replies on standard output. */

import { Cluster } from "./cluster.mjs";
import { NotEnabled } from "./node.mjs";
import { OBSERVABLES, words } from "./observation.mjs";

const STEPS = words`
    detect_by_cc detect_by_member report_reaches_cc initiate_by_engine initiate_by_sentinel
    notify_member member_acknowledges force_out reap_gated quiesce end_clustering
    act begin_act finish_act component_dies node_crashes daemon_dies
    orphan_ends forge promote route_work miss_heartbeats lose_heartbeats regain_heartbeats
    restart propose commit
`;
const DELIVERIES = words`
    hear_distress hear_quiesced hear_member_gone hear_promoted hear_announce accept learn_commit
`;

const [NOT_SUPPORTED, MALFORMED, CRASHED] = [10, 12, 13];

let Node, cluster;

function refuse(code, text) {
    throw Object.assign(new NotEnabled(text), { code });
}

const commands = {
    hello({ versions }) {
        if (!versions?.includes(1)) refuse(NOT_SUPPORTED, "only version 1");
        return {
            version: 1,
            impl: { name: "knell-peer", version: "1", language: "JavaScript" },
            modes: ["sim"],
            features: words`snapshot pipeline crash restart components acts dependencies`,
            actions: [...STEPS, ...DELIVERIES],
            observables: OBSERVABLES,
        };
    },

    reset({ mode, config }) {
        if (mode !== "sim") refuse(NOT_SUPPORTED, `mode ${mode}`);
        if (config.unkillable) refuse(NOT_SUPPORTED, "processes beyond killing");
        for (const { takeover, critical } of config.groups) {
            if (takeover !== "quiesce" || critical) refuse(NOT_SUPPORTED, "such groups");
        }
        cluster = new Cluster(config, Node);
        return { effects: cluster.said, obs: cluster.observe() };
    },

    step: (request) => take(STEPS, request),
    deliver: (request) => take(DELIVERIES, request),

    advance: ({ node }) => ({ effects: [], obs: cluster.observe(node) }),
    observe: () => ({ obs: cluster.observe() }),
    snapshot: () => ({ snapshot: cluster.snapshot() }),

    restore({ snapshot }) {
        cluster.restore(snapshot);
        return { obs: cluster.observe() };
    },
};

function take(actions, { node, action, args, msg, snapshot, before }) {
    if (!actions.includes(action)) refuse(NOT_SUPPORTED, `action ${action}`);
    if (!cluster.nodes.has(node)) refuse(MALFORMED, `no node ${node}`);
    if (snapshot) cluster.restore(snapshot);
    return cluster.step(node, action, args, msg?.body, before);
}

/** The reply to one request. */
function answer({ id, cmd, ...fields }) {
    try {
        if (cmd === undefined) refuse(MALFORMED, "no request");
        if (!Object.hasOwn(commands, cmd)) refuse(NOT_SUPPORTED, `command ${cmd}`);
        if (!cluster && !["hello", "reset"].includes(cmd)) refuse(MALFORMED, "reset comes first");
        return { id, ok: commands[cmd](fields) };
    } catch (error) {
        const expected = error instanceof NotEnabled;
        if (!expected) console.error(error.stack);
        const code = expected ? error.code : CRASHED;
        return { id, err: { code, definite: expected, text: error.message } };
    }
}

function read(line) {
    try {
        return JSON.parse(line) ?? {};
    } catch {
        return { id: -1 };
    }
}

/** Answer until the input ends; `write` makes the line of a reply. */
export function serve(Kind, write = (reply) => `${JSON.stringify(reply)}\n`) {
    Node = Kind;
    let rest = "";
    process.stdin.setEncoding("utf-8").on("data", (chunk) => {
        const lines = (rest + chunk).split("\n");
        rest = lines.pop();
        const requests = lines.map(read);
        process.stdout.write(requests.map((each) => write(answer(each), each)).join(""));
    });
}
