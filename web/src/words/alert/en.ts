export const alert = {};
