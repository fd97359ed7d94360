/** All nodes of a run. A step tries a copy of its node and keeps it if no rule refuses. */

import { nodeOf } from "./node.mjs";
import { observe } from "./observation.mjs";

export class Cluster {
    /** The cluster of a `config`, up and running, and what each node has said by then. */
    constructor(config, Kind) {
        config.hosts = (name, group) =>
            config.groups.find((each) => each.name === group).nodes.includes(nodeOf(name));
        this.nodes = new Map(config.nodes.map((name) => [name, Kind.start(config, name)]));
        this.kept = [];
        this.said = {};
        for (const [name, node] of [...this.nodes].filter(([, each]) => each.in("active"))) {
            node.send("ANNOUNCE");
            for (const group of config.groups) {
                if (group.nodes[0] === nodeOf(name)) node.send("PROMOTED", { group: group.name });
            }
            this.said[name] = node.effects;
        }
    }

    /** Take a step of a node; throws NotEnabled, and then nothing has changed. */
    step(name, action, args, body, before = []) {
        const node = this.nodes.get(name).copy();
        for (const message of before) node.arrives(message.body);
        node[action](args, body);
        this.nodes.set(name, node);
        return { effects: node.effects, obs: this.observe(name) };
    }

    observe(...names) {
        const shown = names.length > 0 ? names : [...this.nodes.keys()];
        return Object.fromEntries(shown.map((name) => [name, observe(this.nodes.get(name))]));
    }

    snapshot() {
        return String(this.kept.push(new Map(this.nodes)) - 1);
    }

    restore(snapshot) {
        this.nodes = new Map(this.kept[Number(snapshot)]);
    }
}
