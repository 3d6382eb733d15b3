/** What boards answer, in the shapes that they document, shortened. Invented companies. */
import type { SourceConfig, SourceType } from '../config/config.js';
import type { RawPosting } from './raw-posting.js';

export const source = (type: SourceType, change: Partial<SourceConfig> = {}): SourceConfig => ({ name: 'Acme', type, identifier: 'acme', enabled: true, ...change });

export const GREENHOUSE = {
  jobs: [{
    id: 4012345, internal_job_id: 3, requisition_id: 'R-1', title: ' Senior Backend Engineer ', absolute_url: 'https://boards.greenhouse.io/acme/jobs/4012345', company_name: 'Acme', updated_at: '2026-02-20T12:00:00-05:00', first_published: '2026-02-01T09:30:00-05:00',
    location: { name: 'Remote' }, content: '&lt;p&gt;R&amp;amp;D in &lt;b&gt;Python&lt;/b&gt;&lt;/p&gt;',
    metadata: [{ id: 1, name: 'Employment Type', value: 'Full-time', value_type: 'single_select' }, { id: 2, name: 'Job Posting Location', value: ['Berlin', 'Paris'], value_type: 'multi_select' }, { id: 3, name: 'Secret', value: 'x' }],
    departments: [{ id: 9, name: 'Engineering' }], offices: [{ id: 8, name: 'HQ', location: { name: 'Berlin, Germany' } }],
  }, { id: 7, title: 'No metadata', absolute_url: 'https://boards.greenhouse.io/acme/jobs/7', content: 'x', metadata: null, location: null }, { id: 8, title: 'No address' }],
  meta: { total: 3 },
};

export const LEVER = [{
  id: 'c0ffee00-0000-4000-8000-000000000001', text: 'Staff Engineer', hostedUrl: 'https://jobs.lever.co/acme/c0ffee00', applyUrl: 'https://jobs.lever.co/acme/c0ffee00/apply', createdAt: 1767225600000, country: 'DE', workplaceType: 'hybrid',
  categories: { commitment: 'Permanent', department: 'Product', location: 'Berlin', team: 'Platform', allLocations: ['Berlin', 'Munich'] }, description: '<div>ignored</div>', descriptionPlain: 'We build.\n', additional: '<b>x</b>', additionalPlain: 'Perks.',
  lists: [{ text: 'Requirements', content: '<li>Go &amp; Rust</li><li>C++</li>' }], salaryRange: { currency: 'EUR', interval: 'per-year-salary', min: 80000, max: 100000 },
}];

export const ASHBY = {
  apiVersion: '1',
  jobs: [{
    title: 'Data Engineer', location: 'New York', secondaryLocations: [{ location: 'Toronto', address: { postalAddress: { addressLocality: 'Toronto', addressCountry: 'Canada' } } }], department: 'Data', team: 'Ingest', isListed: true, isRemote: true, descriptionHtml: '<p>Python</p>',
    descriptionPlain: 'Python', publishedAt: '2026-01-15T10:00:00.123+00:00', employmentType: 'FullTime', address: { postalAddress: { addressLocality: 'New York', addressRegion: 'NY', addressCountry: 'USA' } }, jobUrl: 'https://jobs.ashbyhq.com/acme/11111111-2222-4333-8444-555555555555',
    compensation: { summaryComponents: [{ compensationType: 'EquityPercentage' }, { compensationType: 'Salary', interval: '1 YEAR', currencyCode: 'USD', minValue: 150000, maxValue: 180000 }] },
  }, { id: 'hidden', title: 'Hidden', isListed: false, jobUrl: 'https://jobs.ashbyhq.com/acme/hidden' }],
};

export const SMARTRECRUITERS = {
  offset: 0, limit: 100, totalFound: 1,
  content: [{ id: '744000012345', uuid: 'u', name: 'QA Engineer', refNumber: 'REF1', company: { identifier: 'acme', name: 'Acme GmbH' }, releasedDate: '2026-02-10T08:00:00.000Z', location: { city: 'Wien', region: 'W', country: 'at', remote: false }, department: { id: '1', label: 'Quality' }, typeOfEmployment: { id: 'permanent', label: 'Full-time' } }],
};
export const SMARTRECRUITERS_DETAIL = { id: '744000012345', postingUrl: 'https://jobs.smartrecruiters.com/acme/744000012345', jobAd: { sections: { companyDescription: { title: 'Company', text: '<p>We test.</p>' }, jobDescription: { title: 'Job', text: '<ul><li>Selenium</li></ul>' }, qualifications: { title: 'You', text: '' } } } };

export const WORKABLE = {
  name: 'Acme', description: null,
  jobs: [{
    title: 'Designer', shortcode: 'A1B2C3', code: '', employment_type: 'Part-time', telecommuting: true, department: 'Design', url: 'https://apply.workable.com/j/A1B2C3', shortlink: 'https://apply.workable.com/j/A1B2C3', application_url: 'https://apply.workable.com/j/A1B2C3/apply', published_on: '2026-02-03',
    created_at: '2026-02-01', country: 'Greece', city: 'Athens', state: 'Attica', description: '<p>Figma</p>', locations: [{ country: 'Greece', countryCode: 'GR', city: 'Athens', region: 'Attica', hidden: false }, { country: 'Spain', countryCode: 'ES', city: 'Madrid', hidden: true }],
  }],
};

export const RECRUITEE = {
  offers: [{
    id: 998, slug: 'support', title: 'Support Engineer', description: '<p>Help.</p>', requirements: '<p>Linux</p>', location: 'Amsterdam, Netherlands', city: 'Amsterdam', country: 'Netherlands', country_code: 'NL', remote: false, hybrid: true, department: 'Support', employment_type_code: 'fulltime_permanent',
    careers_url: 'https://acme.recruitee.com/o/support', published_at: '2026-02-05 10:00:00 UTC', created_at: '2026-02-01 10:00:00 UTC', status: 'published', company_name: 'Acme BV', salary: { min: '3000', max: '4000', period: 'month', currency: 'EUR' },
  }],
};

export const RSS = `<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Jobs</title><link>https://jobs.example.org</link><description>d</description>
<item><title>Ops &amp; SRE</title><guid isPermaLink="false">guid-1</guid><link>https://jobs.example.org/1</link><dc:creator>Initech</dc:creator><description>short</description><content:encoded><![CDATA[<p>Kubernetes</p>]]></content:encoded><pubDate>Mon, 02 Mar 2026 08:00:00 GMT</pubDate></item></channel></rss>`;
export const ATOM = `<feed xmlns="http://www.w3.org/2005/Atom"><title>Jobs</title><id>f</id><updated>2026-03-02T08:00:00Z</updated><link rel="next" href="/page2.xml"/><entry><id>urn:1</id><title>Ops</title><link href="https://jobs.example.org/1"/><author><name>Initech</name></author><content type="html">&lt;p&gt;Kubernetes&lt;/p&gt;</content><updated>2026-03-02T08:00:00Z</updated><published>2026-03-01T08:00:00Z</published></entry></feed>`;
export const JSON_FEED = JSON.stringify({ version: 'https://jsonfeed.org/version/1.1', title: 'Jobs', next_url: 'https://jobs.example.org/2.json', items: [{ id: 'j1', url: 'https://jobs.example.org/1', title: 'Ops', content_html: '<p>Kubernetes</p>', date_published: '2026-03-01T08:00:00Z', date_modified: '2026-03-02T08:00:00Z', authors: [{ name: 'Initech' }] }] });

/** What of a posting a spec looks at. */
export const essence = ({ externalId, title, company, location, description, url, postedAt, updatedAt, details }: RawPosting): object => ({
  ...{ externalId, title, company, location, description, url, details }, postedAt: postedAt?.toISOString() ?? null, updatedAt: updatedAt?.toISOString() ?? null,
});
