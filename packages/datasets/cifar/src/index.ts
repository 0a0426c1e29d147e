export { cifar, cifarPlugin, cifarPlugin as default, type CifarOptions } from './cifar.js';
