/** The node that returns, and those that admit it to their groups again (PROTOCOL.md §9). */

import { blank, need, nodeOf } from "./node.mjs";
import { ObservingNode } from "./observer.mjs";

export class ReturningNode extends ObservingNode {
    /** What has arrived before a step: an ANNOUNCE of a peer, or ACCEPT for an open proposal. */
    arrives({ kind, node, primary, group, newest }) {
        const proposal = this.state.lists[group]?.proposal;
        if (kind === "ANNOUNCE" && this.in("absent")) this.admit(node);
        if (kind !== "ACCEPT" || primary !== this.name || newest !== proposal?.entries.at(-1)) return;
        proposal.accepted[node] = true;
    }

    /** §9.1: it meets those that have announced themselves, and its members join. */
    restart() {
        this.state.phase = "active";
        for (const older of this.olderThan(this.name)) this.outdate(older);
        for (const { name } of this.cluster.groups) {
            if (!this.cluster.hosts(this.name, name)) continue;
            this.state.members[name] = { ...blank(), state: "active", primary: false };
        }
        this.send("ANNOUNCE");
    }

    hear_announce({ j }, body) {
        if (this.accepts(body, "ANNOUNCE")) this.admit(j);
    }

    /** §9.2: older epochs are left before this one is admitted, unless it is over. */
    admit(other) {
        for (const older of this.olderThan(other)) this.outdate(older);
        const peer = this.peer(other);
        if (peer.barred || peer.view) return;
        Object.assign(peer, { view: true, admitted: `${other}/1` });
    }

    propose({ g, j }) {
        const list = this.ownList(g);
        need(!list.proposal, "a proposal is open");
        if (list.confirmed) {
            need(this.state.peers[j]?.view && !list.entries.includes(j), "nobody new");
            need(this.cluster.hosts(j, g), "the node does not host the group");
            list.entries.push(j);
        } else {
            need(list.entries.at(-1) === j, "the own list comes first");
        }
        list.proposal = { entries: [...list.entries], accepted: {} };
        this.emit("propose", { group: g, list: [...list.entries] });
        const asked = this.missing(g).map(nodeOf);
        this.send("PROPOSE", { group: g, newest: j, list: [...list.entries] }, asked);
    }

    /** The list that this node may propose and commit, as primary. */
    ownList(g) {
        this.needUp();
        need(this.member(g).primary, "the member is not primary");
        return this.list(g);
    }

    /** The earlier entries that have not accepted, and are neither released nor quiesced. */
    missing(g) {
        const { entries, accepted } = this.list(g).proposal;
        const excused = (each) => this.entry(g, each).released || this.peer(each).released;
        return entries
            .slice(0, -1)
            .filter((each) => each !== this.name && !accepted[each] && !excused(each));
    }

    /** §9.5: of two primaries the later one counts. */
    accept({ q, g, j }, body) {
        this.needUp();
        const list = this.list(g);
        need(list.isEntry && body.list.slice(0, -1).includes(this.name), "no entry here");
        const rank = body.list.indexOf(q);
        const own = this.member(g).primary ? body.list.indexOf(this.name) : 0;
        need(!this.peer(q).barred && rank >= Math.max(list.from, own), "its primary is over");
        Object.assign(list, { entries: body.list, from: rank });
        this.send("ACCEPT", { group: g, primary: q, newest: j }, [nodeOf(q)]);
    }

    commit({ g, j }) {
        const list = this.ownList(g);
        need(list.proposal?.entries.at(-1) === j, "no such proposal");
        need(this.missing(g).length === 0, "an entry has not accepted");
        Object.assign(list, { proposal: undefined, confirmed: true });
        this.send("COMMIT", { group: g, newest: j, list: list.entries });
    }

    /** §9.8: the node finds itself in the list. */
    learn_commit({ g }, body) {
        this.needUp();
        need(!this.list(g).isEntry, "it is an entry already");
        need(body.newest === this.name, "the list ends with another entry");
        Object.assign(this.list(g), { entries: body.list, isEntry: true });
    }
}
