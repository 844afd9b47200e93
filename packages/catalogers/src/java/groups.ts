// Groups of artifacts whose archives do not name them: built with Gradle, Ant or sbt, mostly. Facts of Maven Central, written down by hand.
import type { NamedArtifact } from './file-name.ts';

interface Rule {
  readonly group: string;
  readonly artifacts: RegExp;
  /** Folder that the classes must be in, unless there are no classes. Empty: the artifact's name is enough. */
  readonly folder: string;
  readonly fromMajor: number;
}

/**
 * Lines of `GROUP ARTIFACTS FOLDER [MAJOR]`: artifacts as names with `*`, separated by commas; `-` where no folder is asked for; MAJOR the first
 * major version that the line is for. The first line that fits counts.
 */
const lines = `
org.springframework.boot spring-boot* org/springframework/boot
org.springframework.security spring-security-* org/springframework/security
org.springframework.security.oauth spring-security-oauth* org/springframework/security
org.springframework.kafka spring-kafka* org/springframework/kafka
org.springframework.amqp spring-amqp,spring-rabbit* org/springframework/amqp
org.springframework.batch spring-batch-* org/springframework/batch
org.springframework.graphql spring-graphql* org/springframework/graphql
org.springframework.integration spring-integration-* org/springframework/integration
org.springframework.ldap spring-ldap-* org/springframework/ldap
org.springframework.restdocs spring-restdocs-* org/springframework/restdocs
org.springframework.retry spring-retry org/springframework/retry
org.springframework.session spring-session-* org/springframework/session
org.springframework.statemachine spring-statemachine-* org/springframework/statemachine
org.springframework.webflow spring-webflow,spring-binding,spring-js* org/springframework
org.springframework.ws spring-ws-*,spring-xml org/springframework
org.springframework spring-aop,spring-aspects,spring-beans,spring-context*,spring-core*,spring-expression,spring-instrument,spring-jcl,spring-jdbc,spring-jms,spring-messaging,spring-orm,spring-oxm,spring-r2dbc,spring-test,spring-tx,spring-web,spring-webflux,spring-webmvc*,spring-websocket -
io.projectreactor.netty.incubator reactor-netty-incubator-* reactor/netty
io.projectreactor.netty reactor-netty* reactor/netty
io.projectreactor.kafka reactor-kafka reactor/kafka
io.projectreactor.rabbitmq reactor-rabbitmq reactor/rabbitmq
io.projectreactor.kotlin reactor-kotlin-extensions reactor/kotlin
io.projectreactor.addons reactor-extra,reactor-pool*,reactor-adapter reactor
io.projectreactor.tools blockhound* reactor/blockhound
io.projectreactor reactor-core*,reactor-test,reactor-tools reactor
io.micrometer micrometer-*,context-propagation io/micrometer
io.micrometer.prometheus prometheus-rsocket-* io/micrometer
io.rsocket rsocket-* io/rsocket
io.grpc grpc-* io/grpc
io.perfmark perfmark-* io/perfmark
io.opencensus opencensus-* io/opencensus
io.opentelemetry.instrumentation opentelemetry-instrumentation-*,opentelemetry-logback-*,opentelemetry-spring-*,opentelemetry-jdbc io/opentelemetry/instrumentation
io.opentelemetry.javaagent opentelemetry-javaagent* io/opentelemetry
io.opentelemetry.proto opentelemetry-proto io/opentelemetry/proto
io.opentelemetry.contrib opentelemetry-aws-xray*,opentelemetry-gcp-* io/opentelemetry/contrib
io.opentelemetry opentelemetry-* io/opentelemetry
io.zipkin.reporter2 zipkin-reporter*,zipkin-sender-* zipkin2/reporter
io.zipkin.zipkin2 zipkin zipkin2
io.zipkin.brave brave* brave
com.squareup.okhttp3 okhttp*,logging-interceptor,mockwebserver*,okcurl okhttp3
com.squareup.okhttp okhttp*,mockwebserver com/squareup/okhttp
com.squareup.okio okio* okio
com.squareup.retrofit2 retrofit*,converter-*,adapter-* retrofit2
com.squareup.moshi moshi* com/squareup/moshi
com.squareup.wire wire-* com/squareup/wire
com.squareup javapoet,kotlinpoet* com/squareup
app.cash.sqldelight runtime*,jdbc-driver,sqlite-driver,async-extensions*,coroutines-extensions*,primitive-adapters* app/cash/sqldelight
app.cash.turbine turbine* app/cash/turbine
org.jetbrains.kotlin kotlin-*,kotlinx-metadata* -
org.jetbrains.kotlinx kotlinx-*,atomicfu* kotlinx
org.jetbrains.exposed exposed-* org/jetbrains/exposed
org.jetbrains.intellij.deps trove4j -
org.jetbrains annotations* org/jetbrains/annotations
org.jetbrains annotations* org/intellij/lang
io.ktor ktor-* io/ktor
io.insert-koin koin-* org/koin
io.arrow-kt arrow-* arrow
io.kotest kotest-* io/kotest
io.mockk mockk* io/mockk
org.apache.groovy groovy* - 4
org.codehaus.groovy groovy* -
org.spockframework spock-* -
org.scala-lang scala-library,scala-compiler,scala-reflect,scalap,scala-actors,scala-swing,scala3-*,tasty-core_3 -
org.scala-lang.modules scala-xml_*,scala-parser-combinators_*,scala-java8-compat_*,scala-collection-compat_*,scala-collection-contrib_*,scala-parallel-collections_*,scala-asm,scala-async_*,scala-swing_* -
com.typesafe.akka akka-http*_* akka/http
com.typesafe.akka akka-*_* -
org.apache.pekko pekko-*_* org/apache/pekko
com.typesafe config com/typesafe/config
com.typesafe ssl-config-core_* com/typesafe/sslconfig
com.typesafe.play play*_*,twirl-*_*,build-link,play-exceptions play
com.typesafe.scala-logging scala-logging_* -
org.typelevel cats-*_*,algebra_*,spire*_*,jawn-*_*,macro-compat_*,kittens_* -
org.json4s json4s-*_* org/json4s
io.circe circe-*_* io/circe
dev.zio zio*_* zio
org.http4s http4s-*_*,blaze-*_* org/http4s
com.lihaoyi upickle*_*,ujson*_*,upack*_*,os-lib*_*,sourcecode*_*,fansi*_*,pprint*_*,geny*_*,requests_*,cask_*,fastparse_*,scalatags_* -
org.elasticsearch.client elasticsearch-rest-client*,elasticsearch-rest-high-level-client,transport,x-pack-* org/elasticsearch
org.elasticsearch.plugin *-client,lang-*,parent-join*,percolator-client,reindex-client,transport-netty* org/elasticsearch
org.elasticsearch elasticsearch*,jna,securesm org/elasticsearch
co.elastic.clients elasticsearch-java co/elastic/clients
co.elastic.logging log4j2-ecs-layout,logback-ecs-encoder,ecs-logging-core co/elastic/logging
org.opensearch.client opensearch-*,transport org/opensearch/client
org.opensearch.plugin *-client,lang-*,parent-join* org/opensearch
org.opensearch opensearch* org/opensearch
org.apache.lucene lucene-* org/apache/lucene
org.apache.solr solr-* org/apache/solr
org.apache.kafka kafka-*,kafka_*,connect-*,trogdor org/apache/kafka
org.apache.kafka kafka_* kafka
org.apache.tomcat.embed tomcat-embed-* -
org.apache.tomcat tomcat-*,catalina*,jasper*,coyote,el-api,jsp-api,servlet-api,websocket-api,annotations-api,jaspic-api org/apache
org.apache.tomcat tomcat-annotations-api,tomcat-el-api,tomcat-jsp-api,tomcat-servlet-api,tomcat-websocket-api,tomcat-jaspic-api javax
org.apache.hadoop hadoop-* org/apache/hadoop
org.apache.zookeeper zookeeper,zookeeper-* org/apache/zookeeper
org.apache.ftpserver ftplet-api,ftpserver-* org/apache/ftpserver
org.apache.ivy ivy org/apache/ivy
org.apache.ant ant* org/apache/tools/ant
org.apache.poi poi* org/apache/poi
org.apache.xmlbeans xmlbeans org/apache/xmlbeans
org.apache.geode geode-* org/apache/geode
org.apache.beam beam-* org/apache/beam
org.apache.iceberg iceberg-* org/apache/iceberg
org.apache.samza samza-* org/apache/samza
org.apache.orc orc-* org/apache/orc
org.apache.derby derby* org/apache/derby
org.apache.xmlgraphics batik-*,fop*,xmlgraphics-commons org/apache
xalan xalan,serializer org/apache
xerces xercesImpl,xmlParserAPIs org/apache
xml-apis xml-apis* -
xml-resolver xml-resolver org/apache/xml
log4j log4j,apache-log4j-extras org/apache/log4j
avalon-framework avalon-framework* org/apache/avalon
axis axis*,axis-* org/apache/axis
commons-logging commons-logging* org/apache/commons/logging
commons-discovery commons-discovery org/apache/commons/discovery
commons-collections commons-collections org/apache/commons/collections
commons-beanutils commons-beanutils* org/apache/commons
commons-cli commons-cli org/apache/commons/cli
commons-codec commons-codec org/apache/commons/codec
commons-configuration commons-configuration org/apache/commons/configuration
commons-dbcp commons-dbcp org/apache/commons/dbcp
commons-digester commons-digester org/apache/commons/digester
commons-el commons-el org/apache/commons/el
commons-fileupload commons-fileupload org/apache/commons/fileupload
commons-httpclient commons-httpclient org/apache/commons/httpclient
commons-io commons-io org/apache/commons/io
commons-lang commons-lang org/apache/commons/lang
commons-net commons-net org/apache/commons/net
commons-pool commons-pool org/apache/commons/pool
commons-validator commons-validator org/apache/commons/validator
oro oro org/apache/oro
regexp regexp org/apache/regexp
velocity velocity org/apache/velocity
org.hibernate.common hibernate-commons-annotations,hibernate-models* -
org.hibernate.search hibernate-search-* org/hibernate/search
org.hibernate.validator hibernate-validator* org/hibernate/validator 6
org.hibernate.javax.persistence hibernate-jpa-* -
org.hibernate.orm hibernate-* org/hibernate 6
org.hibernate.reactive hibernate-reactive-core* org/hibernate/reactive
org.hibernate hibernate-* org/hibernate
org.junit.jupiter junit-jupiter* -
org.junit.platform junit-platform-* -
org.junit.vintage junit-vintage-* -
org.apiguardian apiguardian-api -
org.opentest4j.reporting open-test-reporting-* -
org.opentest4j opentest4j -
junit junit,junit-dep -
org.hamcrest hamcrest* org/hamcrest
org.mockito mockito-* org/mockito
org.mockito.kotlin mockito-kotlin org/mockito/kotlin
org.objenesis objenesis* org/objenesis
org.testng testng org/testng
org.testcontainers testcontainers,jdbc,mysql,postgresql,kafka,mongodb,localstack,junit-jupiter,elasticsearch,database-commons,mariadb,oracle-*,mssqlserver,rabbitmq,redis* org/testcontainers
com.github.docker-java docker-java* com/github/dockerjava
org.rnorth.duct-tape duct-tape org/rnorth
org.bouncycastle bcprov-*,bcpkix-*,bcpg-*,bcutil-*,bcmail-*,bctls-*,bcjmail-*,bctsp-*,bc-fips,bcpkix-fips,bctls-fips -
org.mongodb mongodb-driver-*,mongo-java-driver,bson*,mongodb-crypt -
org.mongodb.kafka mongo-kafka-connect com/mongodb/kafka
mysql mysql-connector-java -
com.mysql mysql-connector-j -
org.mariadb.jdbc mariadb-java-client -
org.postgresql postgresql,r2dbc-postgresql -
com.h2database h2* org/h2
com.h2database h2-mvstore org/h2/mvstore
org.hsqldb hsqldb* org/hsqldb
org.xerial sqlite-jdbc org/sqlite
org.xerial.snappy snappy-java org/xerial/snappy
com.microsoft.sqlserver mssql-jdbc* -
com.oracle.database.jdbc ojdbc*,ucp*,rsi -
com.oracle.database.security oraclepki,osdt_* -
com.oracle.database.nls orai18n -
net.sourceforge.jtds jtds net/sourceforge/jtds
com.datastax.oss java-driver-* com/datastax
net.snowflake snowflake-* net/snowflake
com.clickhouse clickhouse-* com/clickhouse
org.duckdb duckdb_jdbc -
org.rocksdb rocksdbjni -
org.lz4 lz4-java net/jpountz
net.jpountz.lz4 lz4 net/jpountz
com.github.luben zstd-jni* com/github/luben
org.tukaani xz org/tukaani/xz
com.ning compress-lzf com/ning/compress
com.twitter chill-java,chill_* com/twitter/chill
org.roaringbitmap RoaringBitmap,shims,bsi,roaringbitmap org/roaringbitmap
org.reactivestreams reactive-streams* -
io.reactivex.rxjava3 rxjava io/reactivex/rxjava3
io.reactivex.rxjava2 rxjava,rxkotlin io/reactivex
io.reactivex rxjava,rxnetty*,rxjava-reactive-streams rx
io.projectreactor reactor-core reactor/core
net.java.dev.jna jna*,platform com/sun/jna
net.java.dev.jna jna-platform -
org.aspectj aspectjrt,aspectjweaver,aspectjtools org/aspectj
aopalliance aopalliance org/aopalliance
antlr antlr antlr
org.antlr antlr*,stringtemplate,ST4 -
org.ow2.asm asm* org/objectweb/asm 4
asm asm* org/objectweb/asm
cglib cglib* net/sf/cglib
org.javassist javassist javassist
jaxen jaxen org/jaxen
org.dom4j dom4j org/dom4j 2
dom4j dom4j org/dom4j
jdom jdom org/jdom
org.jdom jdom2 org/jdom2
org.jdom jdom org/jdom
com.google.code.findbugs jsr305,annotations,findbugs-annotations,findbugs -
com.github.spotbugs spotbugs* -
com.google.code.gson gson com/google/gson
com.google.guava guava*,failureaccess,listenablefuture com/google
com.google.inject guice com/google/inject
com.google.inject.extensions guice-* com/google/inject
com.google.protobuf protobuf-* com/google/protobuf
com.google.crypto.tink tink* com/google/crypto/tink
com.google.errorprone error_prone_* com/google/errorprone
com.google.j2objc j2objc-annotations -
com.google.re2j re2j com/google/re2j
com.google.dagger dagger*,hilt-* dagger
com.google.auto.value auto-value* com/google/auto
com.google.auto.service auto-service* com/google/auto
com.google.api.grpc proto-google-*,grpc-google-* -
com.google.api gax*,api-common com/google/api
com.google.auth google-auth-library-* com/google/auth
com.google.http-client google-http-client* com/google/api/client
com.google.oauth-client google-oauth-client* com/google/api/client
com.google.api-client google-api-client* com/google/api/client
com.google.apis google-api-services-* com/google/api/services
com.google.cloud google-cloud-*,libraries-bom com/google/cloud
com.google.android annotations android/annotation
com.google.truth truth com/google/common/truth
org.checkerframework checker-qual*,checker-compat-qual,checker,dataflow*,checker-util org/checkerframework
org.codehaus.mojo animal-sniffer-annotations -
org.conscrypt conscrypt-* org/conscrypt
org.threeten threetenbp,threeten-extra org/threeten
joda-time joda-time org/joda/time
org.jspecify jspecify -
org.jctools jctools-* -
org.agrona agrona,Agrona org/agrona
io.aeron aeron-* io/aeron
org.hdrhistogram HdrHistogram -
org.latencyutils LatencyUtils -
com.github.ben-manes.caffeine caffeine,guava,jcache com/github/benmanes/caffeine
com.netflix.eureka eureka-* com/netflix
com.netflix.hystrix hystrix-* com/netflix/hystrix
com.netflix.ribbon ribbon* com/netflix
com.netflix.archaius archaius-* com/netflix
com.netflix.servo servo-* com/netflix/servo
com.netflix.netflix-commons netflix-* com/netflix
com.netflix.graphql.dgs graphql-dgs* com/netflix/graphql
com.graphql-java graphql-java,java-dataloader -
com.graphql-java graphql-java-extended-* -
com.apollographql.federation federation-graphql-java-support -
io.github.resilience4j resilience4j-* io/github/resilience4j
io.vavr vavr* io/vavr
io.jsonwebtoken jjwt* io/jsonwebtoken
com.nimbusds nimbus-jose-jwt,oauth2-oidc-sdk,lang-tag,content-type -
com.auth0 java-jwt,jwks-rsa,auth0* com/auth0
com.jayway.jsonpath json-path* com/jayway/jsonpath
net.minidev json-smart,accessors-smart net/minidev
org.json json org/json
com.rabbitmq amqp-client com/rabbitmq
io.nats jnats io/nats
redis.clients jedis redis/clients
io.lettuce lettuce-core io/lettuce
io.netty netty-* io/netty
io.netty netty org/jboss/netty
io.dropwizard.metrics metrics-* com/codahale
org.yaml snakeyaml org/yaml/snakeyaml
org.snakeyaml snakeyaml-engine org/snakeyaml
ognl ognl ognl
com.fasterxml.woodstox woodstox-core com/ctc/wstx
org.codehaus.woodstox wstx-asl,wstx-lgpl,woodstox-core-asl,woodstox-core-lgpl com/ctc/wstx
org.codehaus.woodstox stax2-api org/codehaus/stax2
org.eclipse.persistence eclipselink,org.eclipse.persistence.* org/eclipse
org.eclipse.persistence jakarta.persistence,javax.persistence jakarta/persistence
org.eclipse.persistence jakarta.persistence,javax.persistence javax/persistence
org.eclipse.jdt ecj org/eclipse/jdt
org.eclipse.platform org.eclipse.core.*,org.eclipse.equinox.*,org.eclipse.osgi* org/eclipse
io.krakens java-grok io/krakens
com.burgstaller okhttp-digest com/burgstaller
org.freemarker freemarker freemarker
org.thymeleaf thymeleaf* org/thymeleaf
org.flywaydb flyway-* org/flywaydb
org.liquibase liquibase-* liquibase
com.zaxxer HikariCP* com/zaxxer
com.mchange c3p0,mchange-commons-java com/mchange
org.slf4j slf4j-*,jcl-over-slf4j,jul-to-slf4j,log4j-over-slf4j org/slf4j
ch.qos.logback logback-* ch/qos/logback
javax.activation activation,javax.activation-api javax/activation
javax.mail mail,javax.mail-api javax/mail
javax.servlet javax.servlet-api,servlet-api,jstl,jsp-api javax/servlet
javax.servlet.jsp jsp-api,javax.servlet.jsp-api javax/servlet/jsp
javax.inject javax.inject javax/inject
javax.annotation javax.annotation-api,jsr250-api javax/annotation
javax.transaction jta,javax.transaction-api javax/transaction
javax.xml.bind jaxb-api javax/xml/bind
javax.persistence javax.persistence-api,persistence-api javax/persistence
javax.validation validation-api javax/validation
javax.ws.rs javax.ws.rs-api,jsr311-api javax/ws/rs
javax.cache cache-api javax/cache
javax.jms jms,javax.jms-api javax/jms
stax stax-api,stax javax/xml/stream
wsdl4j wsdl4j javax/wsdl
net.sf.ehcache ehcache* net/sf/ehcache
org.ehcache ehcache* org/ehcache
org.quartz-scheduler quartz* org/quartz
org.terracotta terracotta-*,offheap-store,statistics org/terracotta
org.modelmapper modelmapper* org/modelmapper
com.datadoghq dd-trace-*,dd-java-agent,java-dogstatsd-client -
com.newrelic.agent.java newrelic-* -
io.sentry sentry* io/sentry
io.pyroscope agent,otel io/pyroscope
com.bugsnag bugsnag* com/bugsnag
com.jcraft jsch,jzlib com/jcraft
com.hierynomus sshj,asn-one,smbj com/hierynomus
net.i2p.crypto eddsa net/i2p/crypto
org.gradle gradle-*,native-platform* org/gradle
com.linecorp.armeria armeria* com/linecorp/armeria
com.expediagroup graphql-kotlin-* com/expediagroup
com.fasterxml.jackson.module jackson-module-scala_* com/fasterxml/jackson/module
io.swagger.parser.v3 swagger-parser* io/swagger
org.wiremock wiremock,wiremock-standalone com/github/tomakehurst 3
com.github.tomakehurst wiremock,wiremock-* com/github/tomakehurst
org.webjars swagger-ui,webjars-locator*,bootstrap,jquery org/webjars
commons-chain commons-chain org/apache/commons/chain
org.jboss.logging jboss-logging* org/jboss/logging
io.smallrye jandex* org/jboss/jandex
org.codehaus.janino janino,commons-compiler org/codehaus
net.sf.jopt-simple jopt-simple joptsimple
com.carrotsearch hppc com/carrotsearch/hppc
com.tdunning t-digest com/tdunning
com.github.spullara.mustache.java compiler com/github/mustachejava
org.locationtech.spatial4j spatial4j org/locationtech/spatial4j
org.locationtech.jts jts-core,jts-io* org/locationtech/jts
org.jcommander jcommander com/beust/jcommander 2
com.beust jcommander com/beust/jcommander
com.epam parso com/epam/parso
com.github.jnr jffi,jnr-* com/kenai/jffi
com.github.jnr jnr-* jnr
com.github.junrar junrar com/github/junrar
net.jcip jcip-annotations net/jcip
org.apache.flink flink-shaded-* org/apache/flink/shaded
org.ccil.cowan.tagsoup tagsoup org/ccil/cowan
org.graalvm.sdk graal-sdk org/graalvm
org.graalvm.js js,js-scriptengine -
org.seleniumhq.selenium selenium-* org/openqa/selenium
org.seleniumhq.selenium selenium-java,selenium-devtools-* -
io.minio minio* io/minio
com.stripe stripe-java com/stripe
com.twilio.sdk twilio com/twilio
com.webauthn4j webauthn4j-* com/webauthn4j
io.trino trino-jdbc -
org.apache.cassandra cassandra-all org/apache/cassandra
com.github.jbellis jamm org/github/jamm
com.github.rholder snowball-stemmer org/tartarus/snowball
com.googlecode.json-simple json-simple org/json/simple
com.carrotsearch.thirdparty simple-xml-safe -
org.fusesource sigar org/hyperic
org.mozilla rhino* org/mozilla
com.ibm.icu icu4j* com/ibm/icu
edu.umd.cs.mtc multithreadedtc -
net.sf.saxon Saxon-HE net/sf/saxon
org.apache-extras.beanshell bsh bsh 2
com.sun.xml.bind jaxb-* com/sun
com.sun.jersey jersey-* com/sun/jersey
org.codehaus.jackson jackson-* org/codehaus/jackson
org.jenkins-ci.main jenkins-core,cli,remoting hudson
org.apache.pulsar pulsar-* org/apache/pulsar
org.apache.skywalking apm-* org/apache/skywalking
org.apache.calcite calcite-* org/apache/calcite
org.apache.calcite.avatica avatica* org/apache/calcite/avatica
org.apache.arrow arrow-* org/apache/arrow
xmlpull xmlpull org/xmlpull
xpp3 xpp3,xpp3_min org/xmlpull
net.sf.kxml kxml2 org/kxml2
`;

const rules: readonly Rule[] = lines
  .trim()
  .split('\n')
  .map((line) => {
    const [group = '', artifacts = '', folder = '-', major = '0'] = line.split(' ');
    const patterns = artifacts.split(',').map((name) => name.replaceAll('.', '\\.').replaceAll('*', '.*'));
    return {
      group,
      artifacts: new RegExp(`^(?:${patterns.join('|')})$`),
      folder: folder === '-' ? '' : folder,
      fromMajor: Number(major),
    };
  });

/** Returns the group of a well-known artifact whose classes lie where that artifact's do. */
export function knownGroup({ artifact, version }: NamedArtifact, folders: readonly string[]): string | undefined {
  const major = Number.parseInt(version, 10);
  const rule = rules.find(
    ({ artifacts, folder, fromMajor }) =>
      artifacts.test(artifact) &&
      (Number.isNaN(major) || major >= fromMajor) &&
      (folder === '' || folders.length === 0 || folders.some((one) => one === folder || one.startsWith(`${folder}/`))),
  );
  return rule?.group;
}
