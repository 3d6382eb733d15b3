/** What libraries could also use, and is not installed: a bundler leaves it alone. */
export const NOT_INSTALLED = ['pg-native', '@nestjs/websockets', '@nestjs/websockets/*', '@nestjs/platform-express', '@fastify/multipart', '@fastify/view', 'kafkajs', 'ioredis', 'amqplib', 'amqp-connection-manager', 'mqtt', 'nats', '@grpc/grpc-js', '@grpc/proto-loader'];
