/**
 * A small implementation of the protocol that shares no code with knell.node, as an adapter:
 * `node main.mjs`.
 */

import { ReturningNode } from "./returning.mjs";
import { serve } from "./serve.mjs";

serve(ReturningNode);
