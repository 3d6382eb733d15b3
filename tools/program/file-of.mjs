/** The module of a library, in the folder of libraries. @param {string} specifier such as `typeorm` or `@nestjs/core` */
export const fileOf = (specifier) => `${specifier.replace(/[^\w.-]/g, '+')}.js`;
