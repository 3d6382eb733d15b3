/** Where requests of ours may go when somebody else's name, DNS or redirect decides where that is. */
export { isPublicAddress, PublicHosts } from './public-hosts.js';
