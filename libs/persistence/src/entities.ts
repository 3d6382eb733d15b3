export const engineEntities: never[] = [];
