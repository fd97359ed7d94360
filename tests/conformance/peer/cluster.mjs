/**
 * All nodes of a run. A step tries a copy of its node and keeps it if no rule refuses, so that a
 * snapshot is no more than the nodes of a moment.
 */

import { observe } from "./observation.mjs";

export class Cluster {
    /** The cluster of a `config`, up and running, and what each node has said by then. */
    constructor(config, Kind) {
        this.nodes = new Map(config.nodes.map((name) => [name, Kind.start(config, name)]));
        this.kept = [];
        this.said = {};
        for (const [name, node] of this.nodes) {
            node.send("ANNOUNCE");
            for (const group of config.groups) {
                if (group.nodes[0] === name) node.send("PROMOTED", { group: group.name });
            }
            this.said[name] = node.effects;
        }
    }

    /** Take a step of a node; throws NotEnabled, and then nothing has changed. */
    step(name, action, args, body) {
        const node = this.nodes.get(name).copy();
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
