/** Every published package of the repository, and the absolute path of its folder. */
export function publishedPackages(): readonly { readonly folder: string }[];
