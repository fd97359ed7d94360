/** Planted faults, to see that the harness finds them. KNELL_PEER_FAULT names the one to plant. */

import { need } from "./node.mjs";

/** Rules of the protocol that are broken: methods put in place of those of the node. */
const RULES = {
    "latch-reopens": {
        latchOpen() {
            return this.in("active", "failing");
        },
    },
    "quiesce-early": {
        membersOut() {
            return !Object.values(this.state.members).some((member) => member.state === "active");
        },
    },
    "no-deadline": {
        force_out() {
            need(false, "waiting for the member");
        },
    },
    "warned-member-reports": {
        mayReport(member) {
            return ["active", "notified"].includes(member.state);
        },
    },
    "gate-ignores-acts": {
        refuseAct() {},
    },
    "acts-after-gate": {
        needAcceptable() {},
    },
    "sentinel-idle": {
        speaks() {
            return this.alive("engine");
        },
    },
    "left-means-released": {
        leave(other) {
            super.leave(other);
            this.release(other, () => true);
        },
    },
    "leave-twice": {
        leaveIsDue() {
            return true;
        },
    },
    "leave-misses-a-group": {
        concerned(group, other) {
            return this.group(group).depends_on.length > 0 && super.concerned(group, other);
        },
    },
    "partitioned-counts-as-failed": {
        leaveIsDue(peer) {
            return peer.view && !peer.partitioned;
        },
    },
    "forged-accepted": {
        isGenuine() {
            return true;
        },
    },
    "silence-is-failure": {
        lose_heartbeats({ i }) {
            this.leave(i);
        },
    },
    "silence-promotes": {
        isOut(group, other) {
            return super.isOut(group, other) || this.peer(other).partitioned;
        },
    },
    "first-only": {
        earlierReleased(group) {
            return this.isOut(group, this.group(group).nodes[0]);
        },
    },
    "order-ignored": {
        dependenciesServed() {
            return true;
        },
    },
    "work-to-the-draining": {
        routable(peer) {
            return !peer.released;
        },
    },
};

/** Rules of the adapter protocol that are broken: what is written in place of a reply. */
const LINES = {
    garbage: () => "this is no JSON\n",
    silence: () => "",
    crash: () => process.exit(1),
    "wrong-id": (line) => line.replace(/"id":\d+/, '"id":0'),
    oversized: (line) => `${line.trimEnd()}${" ".repeat(2 ** 20)}\n`,
};

/** The kind of node, and how the reply to a step is written, with the named fault planted. */
export function planted(name, Sound) {
    const asItIs = (line) => line;
    if (!name) return { Node: Sound, spoil: asItIs };
    if (Object.hasOwn(RULES, name)) return { Node: broken(Sound, RULES[name]), spoil: asItIs };
    if (Object.hasOwn(LINES, name)) return { Node: Sound, spoil: LINES[name] };
    console.error(`KNELL_PEER_FAULT: there is no fault ${name}`);
    return process.exit(2);
}

function broken(Sound, methods) {
    Object.setPrototypeOf(methods, Sound.prototype); // what "super" means in them
    class Broken extends Sound {}
    Object.assign(Broken.prototype, methods);
    return Broken;
}
