// The pages beside the chat: the way out works there as it does in the chat, and leaving there leaves the chat too.

import { installLeave } from "./leave.js";
import { remember } from "./tab.js";

installLeave({ last: () => ({}), stop: () => {}, forget: () => remember(null), hidden: () => {} });
