/** Where people meet this service, as their browsers name it. */
export class PublicPlace {
  readonly origin: string;
  /** Cookies travel over TLS alone. */
  readonly secure: boolean;

  constructor({ appPublicBaseUrl }: { appPublicBaseUrl: string }) {
    this.origin = new URL(appPublicBaseUrl).origin;
    this.secure = this.origin.startsWith('https:');
  }
}
