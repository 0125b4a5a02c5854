/** The pages about one's account work without it; it lets a password be looked at. */

import {unveil} from "../ui/secret.js";

document.querySelectorAll("[data-password]").forEach((input) => unveil(input));
