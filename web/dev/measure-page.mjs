export async function start() {}
export async function latency() {}
export async function grid() {}
export async function wall() {}
