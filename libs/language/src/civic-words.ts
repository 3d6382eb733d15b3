/**
 * The vocabulary by which the local analysis recognises public affairs, and what is none of them. Data, in English and Persian, in the
 * spelling of normalizeText; a trailing `*` matches any ending. Wide on purpose: a word too many keeps a weak text, a word too few
 * rejects a real concern.
 */

/** Governance, law, rights, economy, services, places: a text with one of these is about something public. */
export const isCivicWord = matcher(`
  tax* govern* council* mayor* elect* vote* voting ballot* referend* democra* politic* politician* party parties president* minister* ministry parliament* congress* senat* commission* official*
  law laws legal* illegal* legislat* regulat* ordinance* bylaw* code codes permit* licens* zoning zone* rezone* policy policies polic* crime* crimin* court* judge* jail* prison* inmate* justice sheriff*
  sentenc* rights right freedom* liberty equal* fair* discriminat* racis* sexis* minorit* gender* women lgbt* gay homosexual* transgender immigra* refugee* migra* asylum citizen* communit* neighbo* resident*
  public* civic municipal* city cities county counties town* village* state federal national local region* district* rural urban downtown budget* fund* spend* debt deficit* econom* job* employ* unemploy* wage*
  salar* income* poverty poor rich inequal* business* compan* industr* market* monopol* compet* price* cost* rent* rental* tenant* landlord* evict* hous* home homes homeless* shelter* afford* apartment* mortgage*
  school* educat* teach* student* universit* college* kindergarten* tuition librar* museum* art arts cultur* histor* health* hospital* clinic* doctor* nurse* medic* mental* drug* opioid* addict* marijuana
  cannabis weed alcohol* smok* tobacco* insur* pension* welfare benefit* disab* elder* senior* child* daycare famil* youth* road* street* highway* bypass* bridge* lane* sidewalk* crosswalk* pedestrian* bike* bicycl*
  cycling traffic* congest* park parks parking transit transport* bus buses train trains rail* metro* airport* roundabout* intersection* stoplight* light lights speed* driv* vehicle* infrastruct* water* sewer*
  electric* energy power* solar nuclear gas fuel* internet broadband fiber cable wifi telecom* recycl* trash garbage litter* waste pollut* environment* climate* carbon emission* air forest* tree* river* lake* farm*
  agricultur* animal* wildlife dog dogs leash* noise* safe* danger* violen* weapon* gun guns army military war peace foreign sanction* border* treaty corrupt* transparen* accountab* bribe* media press censor* privacy
  protest* strike* union* development* develop* build* construct* recreation* sport* stadium* pool pools playground* greenway* trail* riverfront* store* shop* restaurant* grocer* hotel* touris* festival* event* concert*
  garden* nonprofit* volunteer* charit* church* relig* hijab abortion* marriage* death* execution* inflat* currency bank* loan* subsid* trade tariff* import* export* minimum emergency fire fires firefight* flood*
  earthquake* disaster* vaccin* covid pandemic* food hunger hungry nutrition* casino* gambl* tobacco sign signs billboard* merge* merger* reform* ban bans banned prohibit* legaliz* decriminal* train* program*
  service* utilit* ambulance* care complain* assault* harass* abuse* rape* poison* punish* fine fines accident* injur* died dying kill* denied office* station* campus* walk* swim* skat* rink* teen* kid kids car cars
  mall growth enforce* legalis* decriminalis* authorit* bureaucra* constitution* sovereign* human veteran* farmer* worker* strike* childcare literacy science research* technolog* surveillance data drought* desert*
  قانون* دولت* حکومت* مجلس* نماینده* وزیر* وزارت* رییس* رئیس* شورا* شهردار* شهر* استان* روستا* کشور* ملی مردم* شهروند* جامعه* انتخابات* رای* دموکراسی سیاس* حزب* احزاب حقوق* حق آزادی* عدالت* برابر* تبعیض* زنان
  زن دختران کودک* جوانان سالمند* معلول* اقلیت* مهاجر* پناهنده* پناهجو* حجاب* مذهب* دین* دانشگاه* دانشجو* مدرسه* مدارس معلم* آموزش* کنکور* کتابخانه* بیمارستان* درمان* پزشک* دارو* بهداشت* سلامت* بیمه* بازنشست* مالیات*
  بودجه* اقتصاد* تورم* گران* قیمت* دستمزد* حقوق بیکار* اشتغال شغل* کارگر* کارمند* کارخانه* صنعت* بازار* بانک* وام* یارانه* فقر* فقیر* مسکن* خانه* اجاره* مستاجر* صاحبخانه* زمین* ارز* دلار* تحریم* صادرات واردات* نفت*
  گاز* برق* آب* بنزین* سوخت* انرژی* هوا* آلودگی* محیط زیست* دریاچه* رودخانه* جنگل* درخت* کشاورز* خشکسالی* فاضلاب* زباله* آشغال* بازیافت* ترافیک* خیابان* جاده* راه* پیاده* دوچرخه* اتوبوس* مترو* قطار* تاکسی* پارک* پارکینگ*
  فرودگاه* پل* آسفالت* چراغ* ایمنی* امنیت* پلیس* جرم* دزدی* زندان* اعدام* دادگاه* قاض* قضا* فساد* رشوه* شفاف* رسانه* مطبوعات سانسور* فیلتر* اینترنت* اعتراض* اعتصاب* صنف* سندیکا* ارتش* جنگ* صلح* مرز* خارجه هسته* توسعه
  ساخت* خدمات* فرهنگ* موزه* میراث* ورزش* استخر* زلزله* سیل* اورژانس* آتش* اعتیاد* معتاد* مواد سقط* ازدواج* طلاق* حیوان* سگ* موتور* خودرو* تصادف* سربازی
`);

/** Words of advertising; two of them, or one beside a link, make a text an advertisement when nothing civic stands against them. */
export const isPromotionWord = matcher(`
  discount* promo* coupon* subscribe* follower* giveaway* bonus* cheap* sale sales offer offers viagra crypto bitcoin forex earn* profit* guaranteed click winner* prize* jackpot* dm whatsapp telegram channel download* buy
  تخفیف* حراج* فروش* خرید* ارزان* کانال* عضو* فالوور* جایزه* سود درآمد* تبلیغ* سفارش* پیج* رایگان کلیک*
`);

/** Words of private life; they count only in the first person and without a civic word. */
export const isPrivateWord = matcher(`
  birthday* girlfriend* boyfriend* husband* wife mom mum dad mother* father* brother* sister* grandma* grandpa* boss roommate* anniversary homework exam crush dating date breakfast lunch dinner recipe* headache* sleepy tired
  hungry bored boring lonely keys phone laptop cat cats puppy kitten weekend vacation haircut
  تولد* دوستم دوست دوستدختر دوستپسر شوهرم شوهر همسرم مادرم پدرم مامان* بابا* خواهرم برادرم خاله* عمه* عمو* دایی* امتحان* مشق* ناهار* شام* صبحانه* سردرد* خسته* خواب* حوصله* تنهام گوشیم گربه* عاشق* دلم
`);

/** Abuse; it rejects only a text that holds little else. */
export const isInsultWord = matcher(`
  idiot* stupid* moron* dumb* asshole* bastard* bitch* fuck* shit* crap damn scum loser* jerk* suck sucks bullshit retard* dumbass* imbecile* screw
  احمق* خر خرها الاغ* بیشعور* بیشرف* عوضی* کثافت* گوساله* نفهم* لعنت* حرامزاده* مزخرف* گه
`);

/** A test for one normalised word against a list of words and `stems*`. */
function matcher(list: string): (word: string) => boolean {
  const entries = list.trim().split(/\s+/);
  const exact = new Set(entries.map((entry) => entry.replace(/\*$/, '')));
  const stems = new Set(entries.filter((entry) => entry.endsWith('*')).map((entry) => entry.slice(0, -1)));
  const longest = Math.max(...[...stems].map((stem) => stem.length));
  return (word) => {
    if (exact.has(word)) return true;
    for (let length = 2; length <= Math.min(longest, word.length); length += 1) if (stems.has(word.slice(0, length))) return true;
    return false;
  };
}
